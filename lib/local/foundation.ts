/** What a house is asked to be, and what its rooms stand on. */
import type { Config } from '../config.ts';
import type { Shown } from '../run/advance.ts';
import type { Blobs, Store } from '../store/store.ts';
import type { WorkerKeys } from '../worker.ts';
import type { Children } from './children.ts';
import type { LocalFolder } from './folder.ts';
import type { Ports } from './ports.ts';
import type { HouseTime } from './time.ts';

export interface HouseOptions {
  readonly state: string;
  readonly fresh: boolean;
  readonly configFolder: string;
  readonly runbookFolder: string;
  readonly portBase: number;
  readonly factor: number;
  readonly seed: string | undefined;
  /** What a fresh folder is made ready for. */
  readonly wish?: { readonly service: string; readonly runbook: string };
  /** Where the functions run: in this process, or under serverless-offline. */
  readonly doors: 'here' | 'serverless-offline';
  readonly onShown: (shown: Shown) => void;
  readonly say: (line: string) => void;
}

/** What the rooms of the house are given. */
export interface Foundation {
  readonly options: HouseOptions;
  readonly folder: LocalFolder;
  readonly ports: Ports;
  readonly config: Config;
  readonly time: HouseTime;
  readonly children: Children;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly keys: WorkerKeys;
  readonly signingSecret: string;
  readonly slackApiUrl: string;
}
