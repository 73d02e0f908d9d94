# Exact arithmetic.
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

total = sum((Decimal("0.10") for _ in range(3)), Decimal(0))
print(total, total == Decimal("0.3"), (Decimal("2.675")).quantize(Decimal("0.01"), ROUND_HALF_UP))
print(Decimal(1) / Decimal(7), Fraction(1, 3) + Fraction(1, 6), f"{Decimal('1234567.891'):,.2f}")
