"""The rules: norm packs, the judge that holds a performance against one, and the assessment that comes out."""
