import { Page } from '../parts/Page.tsx';

export default function Preflight() {
  return <Page title="Preflight">{null}</Page>;
}
