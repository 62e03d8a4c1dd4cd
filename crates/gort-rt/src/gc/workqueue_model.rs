//! Models of the queue of work between two workers: nothing is done twice or forgotten, and the end of marking is noticed.

use super::*;
use loom::sync::Arc;

/// A graph: what each word leads to.
const LEADS_TO: [&[usize]; 5] = [&[1, 2, 3], &[4], &[], &[], &[]];

struct World {
    work: Work,
    workers: Workers,
    /// How often each word has been looked into.
    done: [AtomicUsize; LEADS_TO.len()],
}

fn chunk() -> &'static Chunk {
    Box::leak(Box::new(Chunk {
        link: Link::new(null()),
        n: Cell::new(0),
        released: Cell::new(false),
        words: core::array::from_fn(|_| Cell::new(0)),
    }))
}

fn world() -> Arc<World> {
    Arc::new(World {
        work: Work::new(chunk),
        workers: Workers::new(),
        done: core::array::from_fn(|_| AtomicUsize::new(0)),
    })
}

fn model(f: impl Fn() + Send + Sync + 'static) {
    let mut b = loom::model::Builder::new();
    b.preemption_bound = Some(3);
    b.check(f);
}

fn drain(w: &World, local: &Local) {
    while let Some(word) = local.pop(&w.work) {
        w.done[word].fetch_add(1, Ordering::Relaxed);
        for &next in LEADS_TO[word] {
            local.push(&w.work, next);
        }
    }
}

/// A quantum (`quantum.rs`), with `root` if this worker has taken one; whether the worker finds that marking is over.
fn quantum(w: &World, local: &Local, root: Option<usize>) -> bool {
    w.workers.enter();
    if let Some(root) = root {
        local.push(&w.work, root);
    }
    drain(w, local);
    local.share(&w.work);
    w.workers.leave() && !w.work.any()
}

#[test]
fn loom_marking_ends() {
    model(|| {
        let w = world();
        let w2 = w.clone();
        let other = loom::thread::spawn(move || quantum(&w2, &Local::new(), None));
        let local = Local::new();
        let mine = quantum(&w, &local, Some(0));
        let theirs = other.join().unwrap();
        let done = || w.done.iter().map(|d| d.load(Ordering::Relaxed));
        let before: usize = done().sum();
        assert!(
            mine || theirs || before < LEADS_TO.len(),
            "nobody ends the cycle"
        );
        assert!(
            before < LEADS_TO.len() || !w.work.any(),
            "work that is none"
        );
        drain(&w, &local);
        assert!(done().all(|n| n == 1));
    });
}

/// A worker that is called away leaves what it has found to the other.
#[test]
fn loom_work_is_taken_over() {
    model(|| {
        let w = world();
        let w2 = w.clone();
        let other = loom::thread::spawn(move || {
            let local = Local::new();
            quantum(&w2, &local, None);
        });
        let local = Local::new();
        w.workers.enter();
        for word in [1, 2, 3] {
            local.push(&w.work, word);
        }
        local.share(&w.work);
        let last = w.workers.leave();
        assert!(
            !last || w.work.any() || w.workers.count() > 0 || {
                w.done[4].load(Ordering::Relaxed) == 1
            }
        );
        other.join().unwrap();
        drain(&w, &local);
        let done = [1, 2, 3, 4].map(|i| w.done[i].load(Ordering::Relaxed));
        assert_eq!(done, [1; 4]);
    });
}
