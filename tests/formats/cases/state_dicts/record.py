"""Writes the files of this folder with the real libraries: python record.py, with torch, safetensors and numpy.

Recorded with torch 2.14.1, safetensors 0.8.0 and numpy; the tests read the files, never these libraries. Every network
is max(x0, x1) = relu(x0 - x1) + relu(x1) - relu(-x1) in its hidden layer, but for the deep one.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file, save_model
from torch import nn

HERE = Path(__file__).parent


def maximum(dtype: torch.dtype = torch.float32) -> nn.Sequential:
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).to(dtype)
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[1, -1], [0, 1], [0, -1]]))
        net[0].bias.zero_()
        net[2].weight.copy_(torch.tensor([[1, 1, -1]]))
        net[2].bias.zero_()
    return net


class Named(nn.Module):
    """Layers without numbers: the alphabet puts head before trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, _, self.head = maximum()


class Square(nn.Module):
    """All of 2 to 2, so that shapes say nothing: only the numbers of fc1, fc2, fc10 do."""

    def __init__(self) -> None:
        super().__init__()
        for k, weight in ((1, [[0, 1], [1, 0]]), (2, [[2, 0], [1, 1]]), (10, [[1, -1], [0, 3]])):
            linear = nn.Linear(2, 2, bias=k != 2)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(weight))
                if linear.bias is not None:
                    linear.bias.copy_(torch.tensor([k, 0]))
            setattr(self, f"fc{k}", linear)


def main() -> None:
    save_file(maximum().state_dict(), HERE / "sequential.safetensors", {"format": "pt"})
    save_file(maximum().state_dict(), HERE / "no-metadata.safetensors")
    save_file(maximum(torch.bfloat16).state_dict(), HERE / "bfloat16.safetensors", {"format": "pt"})
    save_file(maximum(torch.float16).state_dict(), HERE / "float16.safetensors", {"format": "pt"})
    save_file(Named().state_dict(), HERE / "named.safetensors", {"format": "pt"})
    save_file(Square().state_dict(), HERE / "square.safetensors", {"format": "pt"})
    torch.manual_seed(0)
    normed = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    save_file(normed.state_dict(), HERE / "batchnorm.safetensors", {"format": "pt"})
    tied = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 2, bias=False))
    with torch.no_grad():
        tied[0].weight.copy_(torch.tensor([[1, 2], [0, 1]]))
    tied[2].weight = tied[0].weight
    save_model(tied, HERE / "tied.safetensors")
    torch.save(maximum().state_dict(), HERE / "sequential.pt")
    torch.save(maximum().state_dict(), HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    arrays = {name: value.numpy() for name, value in maximum().state_dict().items()}
    np.savez(HERE / "sequential.npz", **arrays)
    np.savez(HERE / "transposed.npz", W0=arrays["0.weight"].T, b0=arrays["0.bias"], W1=arrays["2.weight"].T)
    np.savez(HERE / "square.npz", **{name: value.numpy() for name, value in Square().state_dict().items()})
    np.savez_compressed(HERE / "compressed.npz", **arrays)


if __name__ == "__main__":
    main()
