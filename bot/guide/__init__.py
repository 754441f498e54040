"""The guide: pages to look at, to read and to print, made of data/pages."""
