/**
 * What a byte from the terminal means.
 *
 * - `text`: a byte of the line
 * - `hold`: a byte that may be of the line, which the next one decides
 * - `retract`: it is not of the line, and neither is the byte held
 * - `retract-unknown`: likewise, and the two are a key without a meaning
 * - `insert`: the code points of `KeyReader.points` are of the line
 * - `more`: part of what is not complete, or no key
 * - `unknown`: a key without a meaning here (an arrow, a function key, a control character)
 * - `broken`: the terminal began what it did not end: what follows could be either
 */
export type Key =
  | "text"
  | "hold"
  | "retract"
  | "retract-unknown"
  | "insert"
  | "more"
  | "unknown"
  | "broken"
  | "enter"
  | "end"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "erase"
  | "erase-word"
  | "erase-line";
