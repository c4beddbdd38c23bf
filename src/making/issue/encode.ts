export * from '../encode/der.ts';
