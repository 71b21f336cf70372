/** The longest word of a command line that is repeated in an error. */
const LONGEST = 60;

/** A word of a command line for an error: on one line, and with nothing that steers a terminal. */
export function quote(word: string): string {
  const shown = word.length > LONGEST ? `${word.slice(0, LONGEST)}…` : word;
  return JSON.stringify(shown).replace(/\p{Control}|\p{Format}/gu, "?");
}

/** `; did you mean X?`, or nothing when no name is near. */
export function suggest(word: string, names: readonly string[], prefix: string = ""): string {
  const [best] = names
    .map((name) => ({ name, distance: distanceOf(word, name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((one, other) => one.distance - other.distance);
  return best === undefined ? "" : `; did you mean ${prefix}${best.name}?`;
}

/** How many letters are to be changed, added, left out or exchanged with their neighbour. */
function distanceOf(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > LONGEST) return LONGEST;
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const exchanged = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      next.push(
        Math.min(
          at(last, column) + 1,
          at(next, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          exchanged ? at(before, column - 2) + 1 : LONGEST,
        ),
      );
    }
    [before, last] = [last, next];
  }
  return at(last, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? LONGEST;
}
