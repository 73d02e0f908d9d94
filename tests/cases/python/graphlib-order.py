# The order in which steps have to run.
import graphlib

steps = {"deploy": {"build", "approve"}, "build": {"fetch"}, "approve": {"fetch"}, "notify": {"deploy"}}
sorter = graphlib.TopologicalSorter(steps)
sorter.prepare()
while sorter.is_active():
    ready = sorted(sorter.get_ready())
    print(ready)
    sorter.done(*ready)
try:
    list(graphlib.TopologicalSorter({"a": ["b"], "b": ["a"]}).static_order())
except graphlib.CycleError as error:
    print("cycle", sorted(set(error.args[1])))
