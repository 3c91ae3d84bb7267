import vocabulary

# For a test: the loss over a vocabulary in parts, against the loss at once.
class Parts(Module):
    def both(self, h: Tensor, matrix: Tensor, bias: Tensor, targets: Tensor) -> List[Tensor]:
        """Loss and gradients, in turn."""
        torch.set_grad_enabled(True)
        learning = [h.detach().requires_grad_(True), matrix.detach().requires_grad_(True), bias.detach().requires_grad_(True)]
        parts = vocabulary.loss(learning[0] * 2.0, learning[1], learning[2], targets) * 3.0
        whole = torch.cross_entropy_loss(torch.linear(learning[0] * 2.0, learning[1], learning[2]), targets) * 3.0
        of_parts, of_whole = torch.grad([parts], learning), torch.grad([whole], learning)
        torch.set_grad_enabled(False)
        out = [parts.detach(), whole.detach()]
        for i in range(len(learning)):
            a, b = of_parts[i], of_whole[i]
            assert a is not None, "no gradient"
            assert b is not None, "no gradient"
            out.append(a)
            out.append(b)
        return out

    def size(self, tokens: int, numbers: int, learns: bool) -> List[Tensor]:
        """The size of a part for a matrix of that shape."""
        return [torch.tensor(vocabulary.part_size(torch.zeros([1, 1]).expand([tokens, numbers]), learns))]
