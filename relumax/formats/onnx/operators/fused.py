"""What onnxruntime makes of a Gemm or Conv and the activation behind it, when it writes its optimised model."""

from __future__ import annotations

from reprlib import repr as brief

from relumax.formats.onnx.operators.activation import leaky
from relumax.formats.onnx.operators.arithmetic import gemm
from relumax.formats.onnx.operators.convolving import conv
from relumax.formats.onnx.operators.table import Call, operator
from relumax.formats.onnx.tensor import Tensor
from relumax.network.layers import Rational


def _activated(call: Call, found: Tensor, slopes: list[Rational]) -> Tensor:
    """relu of a tensor, or leaky relu with the one slope, as the attribute `activation` says."""
    name = call.text("activation", "")
    if name == "Relu":
        return call.result(found.shape, call.units.relu(found.cells), found)
    if name == "LeakyRelu" and len(slopes) == 1:
        return call.result(found.shape, leaky(call, found.cells, slopes * len(found.cells)), found)
    call.fail(f"has the activation {brief(name)}; Relu and LeakyRelu are read")


@operator("com.microsoft::FusedGemm", inputs=(2, 3))
def _fused_gemm(call: Call) -> Tensor:
    """The activation of Gemm."""
    slopes = [call.number("activation_alpha", 0)] if call.has("activation_alpha") else []
    return _activated(call, gemm(call), slopes)


@operator("com.microsoft::FusedConv", inputs=(2, 3))
def _fused_conv(call: Call) -> Tensor:
    """The activation of Conv."""
    return _activated(call, conv(call), call.floats("activation_params") or [])
