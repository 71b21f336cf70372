import { beginsArmor } from "./armor.ts";
import { joinAll, type View, within } from "./bytes.ts";
import { checkVersion, MOST_HEADER_BYTES, VERSION_BYTES } from "./header.ts";
import { malformed } from "./refusal.ts";

/** A line feed, and what the last line of a header begins with; no other line does. */
const MARK = [10, 45, 45, 45];

/** Gathers a header that comes in pieces. Each byte is looked at once. */
export class HeaderBuffer {
  readonly #pieces: View[] = [];
  #length = 0;
  /** Bytes of the mark that were seen; all of them: it is the last line. */
  #seen = 0;

  /**
   * Takes what belongs to the header.
   *
   * @returns how many bytes that was; fewer than there are, or `whole`: the header is complete
   * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT` when it begins as none, or is too long
   */
  push(piece: View): number {
    const taken = this.#find(piece);
    this.#pieces.push(within(piece, 0, taken).slice());
    this.#length += taken;
    if (this.#length >= VERSION_BYTES && this.#length - taken < VERSION_BYTES) this.#checkStart();
    if (this.#length > MOST_HEADER_BYTES) throw malformed("its header is too long or does not end");
    return taken;
  }

  /** Whether the last line was there to its end. */
  whole = false;

  get bytes(): View {
    return joinAll(this.#pieces);
  }

  #find(piece: View): number {
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] as number;
      if (this.#seen === MARK.length) {
        if (byte !== MARK[0]) continue;
        this.whole = true;
        return at + 1;
      }
      if (byte === MARK[this.#seen]) this.#seen += 1;
      else this.#seen = byte === MARK[0] ? 1 : 0;
    }
    return piece.length;
  }

  #checkStart(): void {
    const start = this.bytes;
    if (beginsArmor(start)) {
      throw malformed("it is text (PEM)", "streams are of bytes: open it whole with open()");
    }
    checkVersion(start);
  }
}
