"""What operators measure: this process, the queue, and what waits to go out."""
