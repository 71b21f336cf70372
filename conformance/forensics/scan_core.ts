import { readSegments } from "./elf_core.ts";
import { type Extent, within } from "./extents.ts";
import { readPart, withFile } from "./files.ts";
import type { Needle } from "./needle.ts";
import type { ScanReport, SkippedMapping, UnreadableMapping } from "./report.ts";
import { inquire, own, type ScanOptions } from "./scan_options.ts";

/** Options of {@link scanCore}. */
export interface ScanCoreOptions extends ScanOptions {
  /**
   * Where a sparse file has data, by `lseek(2)` with `SEEK_DATA` and `SEEK_HOLE`, in order. The holes
   * between them are counted and not read. Without it all is read: gigabytes of zeros, for Bun's.
   */
  readonly data?: readonly Extent[] | undefined;
}

/**
 * Looks through a core file for every encoding of `needles`, on any system.
 *
 * It streams: the file may be of any size. Memory that the core file leaves out (by `MADV_DONTDUMP`,
 * by /proc/PID/coredump_filter, or because it is a file's) is in `skipped`; what is missing because
 * the file was cut short (a full disk, RLIMIT_CORE) is in `unreadable`. {@link scanProcess} says which
 * copies this process itself holds.
 *
 * @throws {ForensicsError} `ERR_FORENSICS_FILE` when it cannot be read or is not an ELF64 core file
 *
 * @example
 * ```ts
 * import { derivedNeedle, scanCore } from "lethe/conformance";
 *
 * const { findings } = scanCore("./core.1234", [derivedNeedle(42, 32)]);
 * console.log(findings.length); // 0
 * ```
 */
export function scanCore(
  path: string,
  needles: readonly Needle[],
  options: ScanCoreOptions = {},
): ScanReport {
  const { data }: ScanCoreOptions = own(options);
  return inquire(needles, options, (inquiry) =>
    withFile(path, (descriptor) => {
      const skipped: SkippedMapping[] = [];
      const unreadable: UnreadableMapping[] = [];
      let scanned = 0;
      const segments = readSegments(descriptor, path);
      for (const { mapping, fileOffset, fileBytes } of segments) {
        const left = Number(mapping.end - mapping.start) - fileBytes;
        if (left > 0) skipped.push({ mapping, reason: "not-dumped", byteLength: left });
        if (fileBytes === 0) continue;
        if (mapping.end > BigInt(Number.MAX_SAFE_INTEGER)) {
          unreadable.push({ mapping, reason: "beyond-2^53", byteLength: fileBytes });
          continue;
        }
        let covered = 0;
        let count = 0;
        for (const { start, end } of within(
          { start: fileOffset, end: fileOffset + fileBytes },
          data,
        )) {
          const address = Number(mapping.start) + start - fileOffset;
          covered += end - start;
          count += readPart(descriptor, start, end - start, address, inquiry.sweep);
        }
        if (count > 0) scanned += 1;
        if (count < covered) {
          unreadable.push({ mapping, reason: "truncated-file", byteLength: covered - count });
        }
        if (covered < fileBytes) {
          skipped.push({ mapping, reason: "hole", byteLength: fileBytes - covered });
        }
      }
      return {
        ...inquiry.finish(segments.map(({ mapping }) => mapping)),
        source: "core",
        pid: null,
        path,
        mappingsScanned: scanned,
        skipped,
        unreadable,
      };
    }),
  );
}
