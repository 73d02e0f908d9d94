# Smoke tests after a deployment.
import io
import unittest
from unittest import mock


class Smoke(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(1 + 1, 2)

    def test_mocked(self):
        with mock.patch("os.getcwd", return_value="/fake"):
            import os
            self.assertEqual(os.getcwd(), "/fake")

    @unittest.skip("not today")
    def test_skipped(self):
        pass


result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Smoke))
print(result.testsRun, len(result.failures), len(result.errors), len(result.skipped), result.wasSuccessful())
