// SPDX-License-Identifier: MIT
//
// How many neighbours are in structure files: totals CUTOFF FILE prints frames, atoms and pairs of all frames
// together. The reader is that of libnblist-io, <nblist/io.h>, which is C.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

#include <nblist/io.h>
#include <nblist/nblist.hpp>

namespace
{
class reader
{
  public:
    explicit reader(const char *path)
    {
        nbl_xyz_reader *made = nullptr;
        if (nbl_xyz_reader_create(&made) != NBL_IO_OK)
            throw std::bad_alloc();
        handle_.reset(made);
        check(nbl_xyz_reader_open(made, path, nullptr));
    }
    // False at the end of the file.
    bool next(nbl_xyz_frame &frame)
    {
        return check(nbl_xyz_reader_next(handle_.get(), &frame)) != NBL_IO_END;
    }

  private:
    struct closer {
        void operator()(nbl_xyz_reader *handle) const
        {
            nbl_xyz_reader_destroy(&handle);
        }
    };
    nbl_io_status check(nbl_io_status status)
    {
        if (status < 0)
            throw std::runtime_error(nbl_xyz_reader_message(handle_.get()));
        return status;
    }
    std::unique_ptr<nbl_xyz_reader, closer> handle_;
};

void count(double cutoff, const char *path)
{
    nbl_xyz_frame frame = NBL_XYZ_FRAME_INIT;
    nbl::cell_list list;
    nbl::result found;
    std::int64_t atoms = 0, frames = 0, pairs = 0;
    for (reader file(path); file.next(frame); frames++) {
        const nbl::view<const double> positions(frame.positions, static_cast<std::size_t>(3 * frame.n));
        list.build(positions, frame.cell, {frame.pbc[0] != 0, frame.pbc[1] != 0, frame.pbc[2] != 0}, cutoff);
        list.search(cutoff, found);
        atoms += frame.n;
        pairs += found.n_pairs();
    }
    std::printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", frames, atoms, pairs);
}
} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::fprintf(stderr, "usage: totals CUTOFF FILE\n");
        return 2;
    }
    try {
        count(std::atof(argv[1]), argv[2]);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
