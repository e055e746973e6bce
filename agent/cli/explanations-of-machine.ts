// What the codes mean that are about the machine, its role and its settings: disks, mounts, units, hooks,
// and what ends a command before anything is looked at. None of them loses data; most end by themselves.

import type { ErrorCode, Explanation } from "./explanations.ts";

export const ofMachine = {
  "EHA-BROKEN": {
    meaning: "Something that the agent needs answered nonsense, does not work, or is not there.",
    causes: [
      "a program of the system is missing, as the message says",
      "an answer of IMDS, an API or a program could not be understood, again and again",
      "something on the machine does not end, as a mount that is in use",
    ],
    remedy:
      "Mend what the message names. A command ends; the agent keeps what it has and tries on. If an answer of AWS is named, report it with the message.",
  },
  "EHA-DENIED": {
    meaning: "The instance's role may not do what the message names.",
    causes: [
      "the role lacks the action, or its conditions do not cover the seat's resources",
      "a resource lacks the tag ec2-ha:seat: the instance, its network interface, the group, a volume",
      "a service control policy or a permissions boundary forbids it",
      "the KMS key of an encrypted volume does not admit the role",
    ],
    remedy:
      "Give the role what ec2-ha-agent iam-policy prints, and the resource its tag. The agent tries again by itself and keeps what it has meanwhile.",
  },
  "EHA-DISK-CHECK": {
    meaning: "The check of a file system does not end; nothing was mounted.",
    causes: [
      "the file system is large and needs more than its journal replayed",
      "the volume does not answer, or reads slowly since it was restored a moment ago",
      "an earlier check still has the device open",
    ],
    remedy: "Run e2fsck by hand, or wait for the one that runs, and restart the agent.",
  },
  "EHA-DISK-DAMAGED": {
    meaning:
      "A volume of the seat has no file system that can be mounted safely; nothing was mounted.",
    causes: [
      "the check found damage that it cannot repair without a loss",
      "the volume holds something else than a file system, or cannot be read",
    ],
    remedy:
      "Take a snapshot of the volume, then repair it by hand (e2fsck, xfs_repair), and restart the agent.",
  },
  "EHA-DISK-NOT-BLANK": {
    meaning: "A volume that was made blank holds something; it was not formatted.",
    causes: [
      "something else wrote to it between its creation and its first opening",
      "its tag ec2-ha:parent was set to blank by hand",
      "its disk cannot be read, so that nobody knows whether it is blank",
    ],
    remedy:
      "See what is on it. If nothing of worth is, delete the volume; if it is the data, let it be opened by hand.",
  },
  "EHA-HOOK-AMBIGUOUS": {
    meaning: "The group has several lifecycle hooks of one kind, and the agent answers no other's.",
    causes: ["another tool added a hook of the same transition"],
    remedy: "Name the agent's own under hooks.launch or hooks.terminate.",
  },
  "EHA-IMDS": {
    meaning:
      "The instance metadata service gives no usable answer: who starts does not know where it is, who runs does not see its group's wishes.",
    causes: [
      "it is not run on an EC2 instance",
      "the metadata options have the endpoint disabled",
      "it runs in a container and the hop limit is 1",
      "something on the machine, as a proxy or a firewall, answers at 169.254.169.254 or blocks it",
    ],
    remedy:
      "Enable the endpoint with IMDSv2 (HttpEndpoint=enabled), set the hop limit to 2 for a container, and try again.",
  },
  "EHA-INIT-FAILED": {
    meaning:
      "The command that fills a new volume (first.init) has not succeeded; no unit was started.",
    causes: [
      "the command ended with an error, which is in the message",
      "first.init was taken out of the settings while the volume still waits for it",
    ],
    remedy:
      "Mend the command and restart the agent; or finish its work by hand and tag the volume ec2-ha:init=done.",
  },
  "EHA-MOUNT-BUSY": {
    meaning: "A volume cannot be unmounted, since something still uses it; nothing was forced.",
    causes: [
      "a process that belongs to none of the units has a file or its working directory there",
      "a container or another mount namespace has a copy of the mount",
      "something else is mounted below it",
    ],
    remedy:
      "End what the message names; the agent tries again by itself. Saving and handing over wait for it.",
  },
  "EHA-MOUNT-OWNER": {
    meaning:
      "The root directory of a mount cannot be given the owner or the mode that the settings name.",
    causes: [
      "the user or the group does not exist on this machine",
      "the mount options make the file system read-only",
    ],
    remedy: "Make the user, or mend volumes.NAME.owner and mode; the agent tries again by itself.",
  },
  "EHA-MOUNT-POINT": {
    meaning: "A volume's mount point cannot be used as it is; nothing was mounted or hidden.",
    causes: [
      "the directory has files in it, as from a service that was started without its volume",
      "something else is mounted there, or the volume is mounted elsewhere",
      "it is no directory, or a symbolic link leads to it",
    ],
    remedy:
      "Move the files away, unmount what is there, or name another path; then restart the agent.",
  },
  "EHA-MOUNT-REFUSED": {
    meaning:
      "The kernel refuses to mount a volume, or mount(8) cannot be run; the disk was not found damaged.",
    causes: [
      "volumes.NAME.options has one that the file system does not know",
      "the kernel lacks the file system, or a feature of it",
      "systemd cannot start what should mount it, as with a full /run",
    ],
    remedy: "See the kernel's log (dmesg) and systemd's journal, mend it, and restart the agent.",
  },
  "EHA-NOT-READY": {
    meaning: "The service does not run or does not answer; its data is mounted and stays so.",
    causes: [
      "a unit of the settings does not exist, is masked, or fails to start",
      "the ready check did not succeed within ready.within",
    ],
    remedy:
      "See the unit's journal (journalctl -u UNIT), and mend it; the agent goes on by itself.",
  },
  "EHA-PROGRAM-MISSING": {
    meaning: "A program of the system that the agent runs is not installed.",
    causes: ["the image was made without the package that the message names"],
    remedy: "Install the package, in the image too; the agent tries again by itself.",
  },
  "EHA-SETTINGS": {
    meaning: "The settings cannot be used; nothing was done.",
    causes: [
      "the file is missing, is no YAML, or may be written by others than root",
      "a name is unknown, a value does not fit, or several do not fit together",
    ],
    remedy:
      "Every mistake is listed, with what was found and wanted: mend them all, and start again.",
  },
  "EHA-UNAVAILABLE": {
    meaning: "Something that the command needs does not answer now; it may later.",
    causes: [
      "AWS throttles or does not answer",
      "the network or the role's credentials are not there yet",
    ],
    remedy: "Try again; the exit code is 75. The daemon does so by itself.",
  },
  "EHA-UNIT-GUARD": {
    meaning:
      "The drop-in that keeps a unit from starting without its volumes cannot be written; the unit was not started.",
    causes: ["the root disk is full, or is damaged", "/etc/systemd/system may not be written"],
    remedy: "Make room on the root disk; the agent tries again by itself.",
  },
  "EHA-UNIT-STUCK": {
    meaning: "A unit does not stop, though it was killed; the seat is not let go meanwhile.",
    causes: [
      "a process of it waits for a disk that does not answer",
      "systemd itself does not answer",
    ],
    remedy:
      "See systemctl status of the unit. If nothing helps, end the instance: its data is recovered.",
  },
  "EHA-USAGE": {
    meaning: "The command line is not understood; nothing was done.",
    causes: ["an unknown command, option or code, or a value that is missing"],
    remedy: "See ec2-ha-agent --help.",
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;
