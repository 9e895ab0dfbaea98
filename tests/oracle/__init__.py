"""Numbers worked out a second time, by another engine, from raw rows and the method's text alone."""
