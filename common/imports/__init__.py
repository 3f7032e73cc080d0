"""Importing what people upload, for every room: declared columns, a dry run that is the deed rolled back,
every fault named by sheet, row and column, and the file given back with them."""
