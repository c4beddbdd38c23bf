// From source, where Node alone cannot run TypeScript; the built worker is used everywhere else.
import { register } from 'tsx/esm/api';
register();
await import('./bulk-worker.ts');
