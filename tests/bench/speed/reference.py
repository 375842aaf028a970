"""What the rows of targets.csv are held against: `reference.py ROW ARGUMENT...` prints a figure in
the row's unit. Needs what Debian packages: python3-numpy, python3-scipy, python3-pandas,
python3-sklearn, python3-torch; exit status 3 if a module is missing."""

import os
import sys
import time


def timed(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def ingest(path):
    import pandas

    dtypes = {"userId": "int32", "movieId": "int32", "rating": "float32", "timestamp": "int64"}
    return timed(lambda: pandas.read_csv(path, dtype=dtypes))


def load_columns(folder):
    import numpy

    names = sorted(n for n in os.listdir(folder) if n.endswith(".npy"))
    return {n: numpy.load(os.path.join(folder, n)) for n in names}


def artifact_read(folder):
    start = time.perf_counter()
    size = sum(c.nbytes for c in load_columns(folder).values())
    return size / 1e6 / (time.perf_counter() - start)


def artifact_write(folder):
    import numpy

    columns = load_columns(folder)
    out = os.path.join(folder, "written")
    os.makedirs(out, exist_ok=True)
    seconds = timed(lambda: [numpy.save(os.path.join(out, n), c) for n, c in columns.items()])
    for name in columns:
        os.remove(os.path.join(out, name))
    return sum(c.nbytes for c in columns.values()) / 1e6 / seconds


def both_sides(folder):
    """Offsets and indices by user and by movie."""
    c = load_columns(folder)
    return ((c["rating.offset.npy"], c["rating.movie.npy"]),
            (c["by_movie.offset.npy"], c["by_movie.user.npy"]))


def als_half(offset, index, n_other, dim, implicit, share=50):
    """Seconds of all rows, from every share-th, by the share of the ratings in those."""
    import numpy
    from scipy.linalg import cho_factor, cho_solve

    factor = numpy.random.default_rng(1).normal(0, 0.1, (n_other, dim)).astype(numpy.float32)
    gram = 0.3 * factor.T @ factor if implicit else numpy.zeros((dim, dim), numpy.float32)
    ridge = 0.1 * numpy.eye(dim, dtype=numpy.float32)
    rows = range(0, len(offset) - 1, share)

    def run():
        for r in rows:
            x = factor[index[offset[r]:offset[r + 1]]]
            a = gram + x.T @ x + ridge
            cho_solve(cho_factor(a, check_finite=False), x.sum(0), check_finite=False)

    seconds = timed(run)
    seen = sum(int(offset[r + 1]) - int(offset[r]) for r in rows)
    return seconds * len(index) / max(seen, 1)


def als(folder, dim, implicit):
    (by_user, movie), (by_movie, user) = both_sides(folder)
    n_users, n_movies = len(by_user) - 1, len(by_movie) - 1
    return (als_half(by_user, movie, n_movies, dim, implicit) +
            als_half(by_movie, user, n_users, dim, implicit))


def ease(folder, n_movies=20000, block=4096, small=6000):
    import numpy
    from scipy import linalg, sparse

    (offset, movie), (by_movie, _) = both_sides(folder)
    count = numpy.diff(by_movie.astype(numpy.int64))
    rank = numpy.argsort(numpy.argsort(-count))
    n_users = len(offset) - 1
    first, last = int(offset[0]), int(offset[block])
    ones = numpy.ones(last - first, numpy.float32)
    x = sparse.csr_matrix((ones, rank[movie[first:last]], offset[:block + 1].astype(numpy.int64)),
                          shape=(block, len(count)))[:, :n_movies].toarray()
    gram = timed(lambda: x.T @ x) * n_users / block
    a = (x[:, :small].T @ x[:, :small]).astype(numpy.float32)
    a[numpy.diag_indices(small)] += 1000
    return gram + timed(lambda: linalg.inv(a)) * (n_movies / small) ** 3


def similarity(folder):
    from scipy import sparse
    from sklearn.neighbors import NearestNeighbors

    c = load_columns(folder)
    offset = c["content.offset.npy"].astype("int64")
    rows = sparse.csr_matrix((c["content.weight.npy"], c["content.term.npy"].astype("int32"), offset))
    model = NearestNeighbors(n_neighbors=101, metric="cosine", algorithm="brute", n_jobs=2)
    return timed(lambda: model.fit(rows).kneighbors(rows))


def ranker(batches=60):
    import torch
    from torch import nn

    torch.manual_seed(1)
    torch.set_num_threads(2)
    users, movies = nn.Embedding(138493, 32, sparse=True), nn.Embedding(27278, 32, sparse=True)
    net = nn.Sequential(nn.Linear(144, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    dense = torch.optim.Adam(net.parameters(), 0.001)
    sparse = torch.optim.SparseAdam(list(users.parameters()) + list(movies.parameters()), 0.001)

    def step():
        x = torch.randn(4096, 40)
        user = torch.randint(0, 138493, (64, 1)).expand(64, 64).reshape(-1)
        movie = torch.randint(0, 27278, (4096,))
        inputs = torch.cat([x, x.sign() * torch.log1p(x.abs()), users(user), movies(movie)], 1)
        logit = net(inputs).view(64, 64)
        loss = nn.functional.cross_entropy(logit, torch.zeros(64, dtype=torch.long))
        dense.zero_grad()
        sparse.zero_grad()
        loss.backward()
        dense.step()
        sparse.step()

    step()
    return batches * 4096 / timed(lambda: [step() for _ in range(batches)])


def everyone(folder, share=10, block=256):
    import numpy

    c = load_columns(folder)
    user, movie = c["ials.user.npy"], c["ials.movie.npy"]
    n = len(user) // share

    def run():
        for first in range(0, n, block):
            score = user[first:min(first + block, n)] @ movie.T
            best = numpy.argpartition(-score, 100, axis=1)[:, :100]
            numpy.take_along_axis(score, best, 1).argsort(1)

    return timed(run) * len(user) / n


ROWS = {
    "ingest": ingest,
    "artifact-read": artifact_read,
    "artifact-write": artifact_write,
    "ials-64": lambda folder: als(folder, 64, True),
    "ials-128": lambda folder: als(folder, 128, True),
    "als-64": lambda folder: als(folder, 64, False),
    "ease": ease,
    "similarity": similarity,
    "ranker": ranker,
    "everyone": everyone,
}

if __name__ == "__main__":
    try:
        print(ROWS[sys.argv[1]](*sys.argv[2:]))
    except ModuleNotFoundError as missing:
        print(f"reference {sys.argv[1]}: {missing}", file=sys.stderr)
        sys.exit(3)
