"""Plans of the structure with the posts and people that follow them: drafted, tried out, carried out."""
