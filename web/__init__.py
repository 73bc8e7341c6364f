"""Pages for people, served by the HTTP door: plain HTML, CSS and ES modules, no build step."""
