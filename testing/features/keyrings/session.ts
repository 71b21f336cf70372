import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Why no Secret Service can be started here, or null. */
export const noSecretService: string | null =
  process.platform !== "linux"
    ? "it takes Linux"
    : (["dbus-run-session", "gnome-keyring-daemon", "secret-tool"].find(
        (program) => spawnSync(program, ["--version"]).error !== undefined,
      ) ?? null);

/** A bus of one test alone, on which GNOME Keyring answers, if it is wanted. */
export class Session {
  /** The variables of a program that uses it. */
  readonly env: NodeJS.ProcessEnv;
  readonly #child: ChildProcess;
  readonly #home: string;

  private constructor(child: ChildProcess, home: string, env: NodeJS.ProcessEnv) {
    this.#child = child;
    this.#home = home;
    this.env = env;
  }

  /** @param keyring `unlocked`; `locked`, with what was stored before; or none at all */
  static async start(keyring: "unlocked" | "none"): Promise<Session> {
    const home = mkdtempSync(join(tmpdir(), "lethe-session-"));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    const { DISPLAY: _, WAYLAND_DISPLAY: __, NODE_OPTIONS: ___, ...inherited } = process.env;
    const own = { ...inherited, HOME: home, XDG_RUNTIME_DIR: join(home, "run") };
    const daemon =
      keyring === "none"
        ? ""
        : "printf 'pass\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1;";
    // Without a folder of services the bus starts no daemon by itself.
    const env = keyring === "none" ? { ...own, XDG_DATA_DIRS: home, XDG_DATA_HOME: home } : own;
    const script = `${daemon} echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat`;
    const config = keyring === "none" ? ["--config-file", writeConfig(home)] : [];
    const child = spawn("dbus-run-session", [...config, "--", "sh", "-c", script], {
      ...{ env, detached: true, stdio: ["pipe", "pipe", "ignore"] },
    });
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    return new Session(child, home, { ...env, DBUS_SESSION_BUS_ADDRESS: `${line}`.trim() });
  }

  /** Runs a program, with bytes on its standard input, to its end. */
  run(file: string, words: readonly string[], input: string | Uint8Array = ""): Buffer | null {
    const { status, stdout } = spawnSync(file, words, { env: this.env, input });
    return status === 0 ? stdout : null;
  }

  /** From here on nothing is read without the password. */
  lock(): void {
    const words = ["--session", "--print-reply", "--dest=org.freedesktop.secrets"];
    const call = ["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"];
    const collection = "array:objpath:/org/freedesktop/secrets/collection/login";
    if (this.run("dbus-send", [...words, ...call, collection]) === null) {
      throw new Error("the keyring does not lock");
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "close");
    process.kill(-(this.#child.pid ?? 0), "SIGKILL");
    await ended;
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** A bus that starts no service by itself. */
function writeConfig(home: string): string {
  const path = join(home, "bus.conf");
  const policy = `<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>`;
  writeFileSync(
    path,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type><listen>unix:tmpdir=${home}</listen>${policy}</busconfig>`,
  );
  return path;
}
