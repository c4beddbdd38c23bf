/** Hands the user a file that was made in, or came to, this page; nothing of it is sent anywhere. */
export function download(name: string, content: BlobPart, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn; the bytes should not stay longer than needed.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** A file name out of a host name or whatever else people call things. */
export const fileName = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-') || 'certificate';
