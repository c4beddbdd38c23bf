/** What issuing hands on of the writer: it stands below, in `making/encode`, where converting reaches it, too. */
export * from '../encode/der.ts';
