import { readPart, withFile } from "./files.ts";
import type { Needle } from "./needle.ts";
import type { ScanReport } from "./report.ts";
import { inquire, type ScanOptions } from "./scan_options.ts";

/**
 * Looks through any file for every encoding of `needles`: heap snapshots, diagnostic reports, logs.
 *
 * The file is taken as it is, so that compressed content is not seen. Arrays of numbers are found
 * only at offsets that are multiples of 4. The addresses of findings are offsets in the file. {@link
 * scanProcess} says which copies this process itself holds.
 *
 * @throws {ForensicsError} `ERR_FORENSICS_FILE` when it cannot be read
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { derivedNeedle, scanFile } from "lethe/conformance";
 *
 * const needle = derivedNeedle(42, 32);
 * writeFileSync("leaky.log", Buffer.from(needle.bytes).toString("hex"));
 * console.log(scanFile("leaky.log", [needle]).findings[0]?.encoding); // "hex"
 * ```
 */
export function scanFile(
  path: string,
  needles: readonly Needle[],
  options: ScanOptions = {},
): ScanReport {
  return inquire(needles, options, (inquiry) =>
    withFile(path, (descriptor) => {
      const byteLength = readPart(descriptor, 0, Number.MAX_SAFE_INTEGER, 0, inquiry.sweep);
      const mapping = {
        start: 0n,
        end: BigInt(byteLength),
        permissions: "",
        name: path,
        flags: [],
      };
      return {
        ...inquiry.finish([mapping]),
        source: "file",
        pid: null,
        path,
        mappingsScanned: 1,
        skipped: [],
        unreadable: [],
      };
    }),
  );
}
