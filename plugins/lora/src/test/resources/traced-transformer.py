"""Writes traced-transformer.pt: an encoder layer with a head, over batches of (n, 4, 16)."""
import torch

torch.manual_seed(1)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.query = torch.nn.Linear(16, 16)
        self.key = torch.nn.Linear(16, 16)
        self.value = torch.nn.Linear(16, 16)
        self.norm = torch.nn.LayerNorm(16)
        self.feed = torch.nn.Linear(16, 32)
        self.out = torch.nn.Linear(32, 16)
        self.classifier = torch.nn.Linear(16, 4)

    def forward(self, x):
        scores = self.query(x) @ self.key(x).transpose(1, 2) / 4.0
        x = self.norm(x + scores.softmax(-1) @ self.value(x))
        x = x + self.out(torch.relu(self.feed(x)))
        return self.classifier(x.mean(1))


torch.jit.trace(Net(), torch.randn(3, 4, 16)).save("traced-transformer.pt")
