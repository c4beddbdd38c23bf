import { Page } from '../parts/Page.tsx';

export default function Channels() {
  return <Page title="Channels">{null}</Page>;
}
