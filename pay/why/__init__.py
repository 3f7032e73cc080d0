"""Why an amount is what it is: in a sentence, in a picture, step by step, and what else it could have been."""
