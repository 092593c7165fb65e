"""What a scan is worth on payments of which the truth is known: figures, naive rules beside it, ablation."""
