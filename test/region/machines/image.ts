// What every new instance finds on its root disk: the host's files, less its units, plus the files
// and enabled units of the image. It is made once, as a layer between the host's root and the
// instances' own writes, so that a launch copies nothing.

import { chmod, mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command } from "./command.ts";

export interface ImageFile {
  readonly path: string;
  readonly text: string;
  readonly mode?: number;
}

export interface Image {
  readonly files: readonly ImageFile[];
  /** Enabled: started at boot. */
  readonly units: readonly string[];
  /** "ip-10-0-1-2" where it is left out, as EC2 names instances. */
  readonly hostname?: string;
}

const unitFolder = "etc/systemd/system";
const bootFolder = `${unitFolder}/multi-user.target.wants`;

export interface ImagePlan {
  readonly files: readonly ImageFile[];
  readonly units: readonly string[];
  /** Takes away what of the host's files is in the way. */
  readonly prepare: (root: string) => Promise<void>;
}

/** Resolves to the layer's folder. `pool` is a folder on a file system that overlays can write to. */
export async function makeImageLayer(pool: string, plan: ImagePlan): Promise<string> {
  const layer = join(pool, "image");
  const work = join(pool, "image-work");
  const merged = join(pool, "image-merged");
  for (const folder of [layer, work, merged]) await mkdir(folder, { recursive: true });
  const layers = `lowerdir=/,upperdir=${layer},workdir=${work}`;
  await command(["mount", "-t", "overlay", "-o", layers, "overlay", merged]);
  try {
    await fill(merged, plan);
  } finally {
    await command(["umount", merged]);
  }
  return layer;
}

async function fill(root: string, { files, units, prepare }: ImagePlan): Promise<void> {
  await rm(join(root, unitFolder), { recursive: true, force: true });
  await mkdir(join(root, bootFolder), { recursive: true });
  await prepare(root);
  const own: readonly ImageFile[] = [
    { path: "/etc/fstab", text: "" },
    { path: "/etc/resolv.conf", text: "" },
  ];
  for (const file of [...own, ...files]) await writeInto(root, file);
  for (const unit of units) await symlink(`../${unit}`, join(root, bootFolder, unit));
}

/** Refuses a folder that is an absolute symbolic link: followed from here, it leads to the host's. */
export async function writeInto(root: string, { path, text, mode }: ImageFile): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  const folder = await realpath(dirname(target));
  if (folder !== root && !folder.startsWith(`${root}/`)) {
    throw new Error(`Cannot write "${path}" into an image: its folder is a link to "${folder}"`);
  }
  await rm(target, { recursive: true, force: true });
  await writeFile(target, text);
  await chmod(target, mode ?? 0o644);
}

/** The programs that speak to the small init, in place of systemd's. */
export async function initClients(): Promise<readonly ImageFile[]> {
  const text = await readFile(new URL("init/client.sh", import.meta.url), "utf8");
  const paths = [
    ...["systemctl", "systemd-run", "systemd-notify"].flatMap((name) => [
      `/usr/local/bin/${name}`,
      `/usr/bin/${name}`,
    ]),
    ...["poweroff", "reboot", "halt"].map((name) => `/usr/sbin/${name}`),
  ];
  return paths.map((path) => ({ path, text, mode: 0o755 }));
}
