"""What each ONNX operator means, one small function each, in the table that `table.operator` fills."""
