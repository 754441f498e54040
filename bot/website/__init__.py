"""The website's process: one server with two faces, the widget (visitors) and the console (staff)."""
