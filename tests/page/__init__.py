"""The page in a real browser, and the tool that takes its picture."""
