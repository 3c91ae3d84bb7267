# What a program gets from the host: a batch, whose shape it can ask about there while a GPU computes something else.

def moved(x: Tensor, like: Tensor) -> Tensor:
    """x on the device of `like`. For a GPU it is copied from pinned memory, and nothing waits for that."""
    if x.is_cuda or not like.is_cuda:
        return x
    return x.pin_memory().to(like.device, non_blocking=True)

def asked(batch: Dict[str, Tensor], name: str) -> Tensor:
    """A tensor of a batch to ask about its values. A GPU has a copy of the batch; to ask there would make this process wait."""
    return batch["host." + name] if "host." + name in batch else batch[name]

# Copies batches.
class Host(Module):
    def place(self, tensors: List[Tensor], like: Tensor) -> List[Tensor]:
        return [moved(x, like) for x in tensors]
