# Saving state between phases of a script.
import copy
import pickle
import shelve


class Point:
    def __init__(self, x):
        self.x = x


state = {"done": ["a", "b"], "point": Point(3)}
with open("state.bin", "wb") as file:
    pickle.dump(state, file)
with open("state.bin", "rb") as file:
    back = pickle.load(file)
print(back["done"], back["point"].x)
deep = copy.deepcopy(state)
deep["done"].append("c")
print(state["done"], deep["done"])
