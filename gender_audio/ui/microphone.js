// Browsers process the microphone for phone calls: echo cancellation and noise suppression damage music and soft
// singing, and automatic gain changes the level. Ask for the unprocessed sound.
const devices = navigator.mediaDevices;
if (devices) {
  const getUserMedia = devices.getUserMedia.bind(devices);
  const unprocessed = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const withUnprocessed = (audio) => ({ ...(audio === true ? {} : audio), ...unprocessed });
  devices.getUserMedia = (wanted) =>
    getUserMedia(wanted?.audio ? { ...wanted, audio: withUnprocessed(wanted.audio) } : wanted);
}
