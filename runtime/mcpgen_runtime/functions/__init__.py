"""Functions of the author's own: Python in, tools, resources and prompts out.

Nothing here is imported before extension code adds its first function.
"""
