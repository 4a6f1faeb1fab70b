"""The templates of an emitted package; the tree mirrors the emitted tree."""
