"""The browser client: its pure parts in Node.js, and all of it in Chromium on the whole program."""
