//! What is made on a thread of its own before anybody needs it.

use std::sync::OnceLock;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::error::EngineError;

/// Is being made, or has been.
#[derive(Debug)]
pub(crate) struct Ahead<T> {
    made: OnceLock<T>,
    making: Mutex<Option<JoinHandle<Result<T, EngineError>>>>,
}

impl<T: Send + 'static> Ahead<T> {
    /// Begins to make it. To be called within a runtime; `make` may block.
    pub(crate) fn begin(make: impl FnOnce() -> Result<T, EngineError> + Send + 'static) -> Ahead<T> {
        Ahead { made: OnceLock::new(), making: Mutex::new(Some(tokio::task::spawn_blocking(make))) }
    }

    /// Waits until it is made; whoever gives up waiting leaves it to the others. An error is given to the first who asks; who asks
    /// again is told that it was.
    pub(crate) async fn get(&self) -> Result<&T, EngineError> {
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let mut making = self.making.lock().await;
        if let Some(thread) = making.as_mut() {
            let made = thread.await;
            *making = None;
            let made = made.map_err(|error| EngineError::Stopped(error.to_string()))??;
            return Ok(self.made.get_or_init(|| made));
        }
        self.made.get().ok_or_else(|| {
            EngineError::Stopped("what was begun ahead has failed; who asked first was told why".to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn it_is_made_once_for_all_who_ask() {
        let ahead = Arc::new(Ahead::begin(|| Ok(7)));
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let ahead = Arc::clone(&ahead);
                tokio::spawn(async move { *ahead.get().await.unwrap() })
            })
            .collect();
        for asked in asking {
            assert_eq!(asked.await.unwrap(), 7);
        }
    }

    #[tokio::test]
    async fn who_gives_up_waiting_takes_it_from_nobody() {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let ahead = Ahead::begin(move || Ok(wait.recv().is_ok()));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(5), ahead.get()).await.is_err());
        go.send(()).unwrap();
        assert!(*ahead.get().await.unwrap());
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_an_error_each_time() {
        let ahead = Ahead::<u8>::begin(|| Err(EngineError::Stopped("broken".to_owned())));
        assert!(ahead.get().await.unwrap_err().to_string().contains("broken"));
        assert!(ahead.get().await.is_err());
    }
}
