/** The same tests as by a connection, with every message through the mailbox. */
import { useMailbox } from './support.ts';

useMailbox();
await import('./refusals.test.ts');
