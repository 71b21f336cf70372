import type { Command } from "../command_line/command.ts";

export const ABOUT: Command["about"] = [
  "Runs COMMAND with secrets on descriptors that it inherits. They are never in its arguments or its environment, which has only the numbers: LETHE_FD_NAME=3.",
];

export const OPTIONS: Command["options"] = {
  prompt: {
    kind: "list",
    value: "NAME",
    about: "ask on the terminal, or read a line of standard input if there is no terminal",
  },
  key: {
    kind: "list",
    value: "[NAME=]PATH",
    about:
      "a key file (lethe key), every byte of it, also a newline at its end. Without NAME, the name is that of the file. NAME@N instead of NAME puts the secret on descriptor N, or the command is not started",
    values: "file",
  },
  token: {
    kind: "list",
    value: "[NAME=]PATH",
    about: "a file with one line of text, without its newline (LF or CR LF)",
    values: "file",
  },
  from: {
    kind: "list",
    value: "NAME=REFERENCE",
    about:
      "from file:PATH, env:VARIABLE (which COMMAND then does not get), fd:N, exec:PROGRAM ARGUMENT... (an absolute path, no shell), keyring:ATTRIBUTE=VALUE&... (the Secret Service of the session), kernel-keyring:KEY or - for standard input, without one newline at its end",
  },
  template: {
    kind: "list",
    value: "NAME=FORMAT",
    about:
      "write the secret NAME as a file of another program, escaped by its rules, or refuse it: pgpass[:HOST[:PORT[:DATABASE[:USER]]]] for PGPASSFILE, netrc:MACHINE[:LOGIN] for curl --netrc-file, mysql[:USER] for mysql --defaults-extra-file. Without --as it comes as a file",
  },
  "restart-on-change": {
    kind: "flag",
    about:
      "start COMMAND again when a --from of file:, exec:, keyring: or kernel-keyring: gives another secret: SIGTERM, and the next one when the last one has ended. If a secret cannot be read again, COMMAND goes on",
  },
  poll: {
    kind: "value",
    value: "SECONDS",
    about:
      "with --restart-on-change: how often secrets are read again (default 60). Changes of files are seen at once",
  },
  grace: {
    kind: "value",
    value: "SECONDS",
    about: "with --restart-on-change: how long COMMAND has to end before SIGKILL (default 10)",
  },
  as: {
    kind: "value",
    value: "FORM",
    about:
      "socket (the default): a socket that holds the bytes and then ends; it is read once. file: a file in memory without a name; the command can open /dev/fd/N again and again. memfd: such a file that nobody can change (F_SEAL_WRITE); it needs FFI",
    values: ["socket", "file", "memfd"],
  },
  "passphrase-fd": {
    kind: "value",
    value: "N",
    descriptor: "read",
    about: "passphrases of sealed key files, a line each (default: ask on the terminal)",
  },
  sealed: { kind: "flag", about: "refuse a plain key file; so does --passphrase-fd" },
  trust: {
    kind: "value",
    value: "PROFILE",
    about: "of files that a platform placed: kubernetes, systemd, compose",
    values: ["strict", "kubernetes", "systemd", "compose"],
  },
  "as-is": {
    kind: "flag",
    about: "take key files even if they look like PEM, JSON, hex, base64 or another format",
  },
  json: {
    kind: "flag",
    about: "a failure of lethe itself, as JSON on standard error: standard output is the command's",
  },
};

export const NOTES: NonNullable<Command["notes"]> = [
  "Without @N the numbers go from 3 upwards. They leave out the descriptors that lethe run itself inherited: the command gets those too, under the same numbers. A typed line and a token come without a newline. They are refused if they have invisible characters, such as a byte order mark.",
  `  openssl enc -aes-256-cbc -pbkdf2 -pass fd:3 ...            gpg --batch --passphrase-fd 3 ...
  Node: readSync(3, bytes)                                   Python: os.readv(3, [bytearray])
with --as file:
  psql "host=db user=app passfile=/dev/fd/3"                 curl --header @/dev/fd/3 ...
with --as file --as-is:
  mysql --defaults-extra-file=/dev/fd/3                      age --decrypt --identity /dev/fd/3 ...`,
  "With --restart-on-change lethe run keeps the secrets, in secret memory, as long as COMMAND runs; else it has none any more once COMMAND has them.",
  "Never redirect a secret to standard input (<&3) unless the program reads a secret there: psql would run it as SQL. No other process can open the socket; one of the same user that may use ptrace(2) can take it, and read the memory of the command. Every process of the same user that may read /proc/PID/fd of the command can open a file, and the memory of the file can be swapped.",
];
