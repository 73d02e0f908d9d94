# Concurrent work with asyncio: gather, timeouts, queues, executors.
import asyncio


async def deploy(name, seconds):
    await asyncio.sleep(seconds)
    return f"{name} done"


async def main():
    print(await asyncio.gather(deploy("web", 0.02), deploy("db", 0.01)))
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.02)
    except asyncio.TimeoutError:
        print("timed out")
    queue = asyncio.Queue()

    async def consume():
        while (item := await queue.get()) is not None:
            print("got", item)

    consumer = asyncio.create_task(consume())
    for item in (1, 2, None):
        await queue.put(item)
    await consumer
    print(await asyncio.to_thread(lambda: "from another thread"))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(deploy("cache", 0))
    print(task.result())


asyncio.run(main())
