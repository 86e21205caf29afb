"""The pages, one module each: a module declares its page as ``PAGE``, and is found by that."""
