"""How messages travel: bytes in, bytes out, and no knowledge of what they mean."""
