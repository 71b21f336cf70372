const ZERO = 0x30;

/** How many decimal digits `value` has. */
export function decimalLength(value: number): number {
  let length = 1;
  for (let left = value; left >= 10; left = Math.floor(left / 10)) length += 1;
  return length;
}

/** The decimal digit of `value` at `place`, counted from the left, as ASCII. */
export function decimalDigit(value: number, place: number): number {
  let left = value;
  for (let drop = decimalLength(value) - 1 - place; drop > 0; drop -= 1)
    left = Math.floor(left / 10);
  return ZERO + (left % 10);
}
