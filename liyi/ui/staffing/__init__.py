"""Parts of the page on which an administrator looks after people."""
