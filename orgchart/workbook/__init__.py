"""A whole structure as one workbook: read, compared with what is on file, written as dated rows; and written out.

Each sheet is one kind of row. A line is found by what it is about (its
``subject``) and, where it is dated, by its first day (自):

- nothing on file about it: it is set up;
- on file from that very day, and the same: nothing to do;
- on file from that day with an open end, and the line has a last day (至): it ends then;
- on file from another day and in force on 自: the row on file ends the day before, a new one follows.

What is on file is never rewritten: a line that begins on the same day and says
something else is refused. A line that is left out of the file changes nothing.
"""
