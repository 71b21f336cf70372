import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A volume as the kubelet keeps one (pkg/volume/util/atomic_writer.go): files in a directory of their time, the
 * link `..data` to it, which is replaced in one step, and links through it for the user.
 */
export class Volume {
  readonly path: string;
  #times = 0;
  #current: string | null = null;

  /** @param place where it is made: `/dev/shm` is a tmpfs, as those of Kubernetes are */
  constructor(place: string = tmpdir()) {
    this.path = mkdtempSync(join(place, "lethe-volume-"));
  }

  /** @param files by name, all of one version */
  write(files: Readonly<Record<string, string>>): void {
    const before = this.#current;
    const name = `..2026_11_27_${this.#times++}`;
    mkdirSync(join(this.path, name), { mode: 0o755 });
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(this.path, name, file), text, { mode: 0o440 });
    }
    symlinkSync(name, join(this.path, "..data_tmp"));
    renameSync(join(this.path, "..data_tmp"), join(this.path, "..data"));
    if (before === null) {
      for (const file of Object.keys(files)) {
        symlinkSync(join("..data", file), join(this.path, file));
      }
    } else rmSync(join(this.path, before), { recursive: true });
    this.#current = name;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
