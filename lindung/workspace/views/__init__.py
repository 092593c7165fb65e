"""Pages of the staff front door, a module for each part. They read and write through other rooms and hold no rule."""
