"""The visitor's side of the website: the chat's API, the widget for any page, and the demo page."""
