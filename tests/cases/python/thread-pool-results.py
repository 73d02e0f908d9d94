# A pool's results and errors (in the sandbox the work runs at once).
from concurrent.futures import ThreadPoolExecutor, as_completed


def check(host):
    if host == "bad":
        raise ValueError(f"{host} is down")
    return f"{host} ok"


with ThreadPoolExecutor(max_workers=3) as pool:
    futures = {pool.submit(check, host): host for host in ("a", "b", "bad")}
    for future in sorted(as_completed(futures), key=lambda future: futures[future]):
        error = future.exception()
        print(futures[future], error if error else future.result())
    print(list(pool.map(len, ["x", "yy"])))
